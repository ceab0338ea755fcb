/** Three palettes (day, dusk, night), one tap each; remembered per page. */
import { parameter } from "../api/address";
import { recall, remember } from "./memory";

export type ThemeName = "day" | "dusk" | "night";
export const THEMES: readonly ThemeName[] = ["day", "dusk", "night"];

const page = document.documentElement.dataset["page"] ?? "";

class Theme {
  current = $state<ThemeName>(first());

  choose(name: ThemeName): void {
    this.current = name;
    remember(`theme.${page}`, name);
    this.show();
  }

  show(): void {
    document.documentElement.dataset["theme"] = this.current;
  }
}

function first(): ThemeName {
  const wish = parameter("theme") || recall(`theme.${page}`);
  if (THEMES.includes(wish as ThemeName)) return wish as ThemeName;
  return page === "terminal" ? "day" : "dusk"; // a phone is read in the sun, a wall in a dim room
}

export const theme = new Theme();
theme.show();
