import { mount } from "svelte";
import "../ui/theme.css";
import TerminalPage from "./TerminalPage.svelte";

mount(TerminalPage, { target: document.getElementById("page")! });
