import { mount } from "svelte";
import "../ui/theme.css";
import { becomeApp } from "../offline/worker";
import TerminalPage from "./TerminalPage.svelte";

mount(TerminalPage, { target: document.getElementById("page")! });
becomeApp();
