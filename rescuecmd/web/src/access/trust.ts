import { mount } from "svelte";
import "../ui/theme.css";
import TrustPage from "./TrustPage.svelte";

mount(TrustPage, { target: document.getElementById("page")! });
