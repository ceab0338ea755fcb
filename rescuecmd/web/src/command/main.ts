import { mount } from "svelte";
import "../ui/theme.css";
import CommandWall from "./CommandWall.svelte";

mount(CommandWall, { target: document.getElementById("page")! });
