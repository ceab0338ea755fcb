/** The language of the page. Texts of the page come by key, texts of the server in both languages. */
import { parameter } from "../api/address";
import type { Text } from "../api/types";
import { recall, remember } from "../ui/memory";
import { clockTime } from "./format";
import en from "./en.json";
import zh from "./zh.json";

export type Lang = "zh" | "en";
export type Key = keyof typeof zh;

const TEXTS: Record<Lang, Record<Key, string>> = { zh, en };

class Language {
  current = $state<Lang>(first());

  toggle(): void {
    this.current = this.current === "zh" ? "en" : "zh";
    remember("lang", this.current);
  }
}

function first(): Lang {
  const wish = parameter("lang") || recall("lang");
  return wish === "en" || wish === "zh" ? wish : "zh";
}

export const language = new Language();

/** The text of a key; `{name}` in it is replaced by the value of that name. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
  const text = TEXTS[language.current][key];
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** A text of the server in the language of the page. */
export function say(text: Text | null | undefined): string {
  return text ? byClock(text[language.current] || text.zh || text.en) : "";
}

/** The sentence of an error of the server in the language of the page: by its code where we have it, else its own. */
export function sayError(failure: {
  code: string;
  message: string;
  facts?: Record<string, unknown> | undefined;
}): string {
  const key = `error.${failure.code}`;
  if (key in zh) return t(key as Key);
  const own = failure.facts?.[language.current];
  return byClock(typeof own === "string" && own ? own : failure.message);
}

/** Instants in a text of the server, such as 2021-09-05T06:40Z, by the clock of this screen. */
function byClock(text: string): string {
  return text.replace(/\d{4}-\d\d-\d\dT\d\d:\d\dZ/g, (stamp) => clockTime(Date.parse(stamp) / 1000, false));
}

/** The text of a value of an enumeration, such as ("vessel", "under_way"). */
export function word(family: string, value: string): string {
  const key = `${family}.${value}`;
  return key in zh ? t(key as Key) : value;
}
