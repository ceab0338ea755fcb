import { mount } from "svelte";
import "../ui/theme.css";
import EnrolPage from "./EnrolPage.svelte";

mount(EnrolPage, { target: document.getElementById("page")! });
