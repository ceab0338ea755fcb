import { mount } from "svelte";
import "../ui/theme.css";
import SignInPage from "./SignInPage.svelte";

mount(SignInPage, { target: document.getElementById("page")! });
