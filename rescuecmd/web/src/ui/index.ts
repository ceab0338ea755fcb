import { mount } from "svelte";
import Links from "./Links.svelte";
import "./theme.css";

mount(Links, { target: document.getElementById("page")! });
