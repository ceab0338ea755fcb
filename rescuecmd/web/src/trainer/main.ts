import { mount } from "svelte";
import "../ui/theme.css";
import TrainerPage from "./TrainerPage.svelte";

mount(TrainerPage, { target: document.getElementById("page")! });
