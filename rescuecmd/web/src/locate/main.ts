import { mount } from "svelte";
import "../ui/theme.css";
import LocatePage from "./LocatePage.svelte";

mount(LocatePage, { target: document.getElementById("page")! });
