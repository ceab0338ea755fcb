/** The page as an app: its manifest, and the worker that keeps it going in flight mode. */
import { terminalId } from "../api/address";
import { headers } from "../api/http";

/** Name the manifest of this very terminal, so that the installed app opens it and no other. */
export function becomeApp(): void {
  const link = document.createElement("link");
  link.rel = "manifest";
  link.href = `/terminal/${encodeURIComponent(terminalId)}/app.webmanifest`;
  document.head.append(link);
  if (!("serviceWorker" in navigator)) return; // a plain http address: no app, but the page works while it is open
  navigator.serviceWorker.register("/sw.js", { scope: "/terminal/" }).catch(() => undefined);
}

const asked = new Set<string>();

/** Have the worker keep what a crew may need without a network: the river, and the picture of its card. */
export async function keepAtHand(paths: readonly string[]): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  const { serviceWorker } = navigator;
  if (!serviceWorker.controller)
    await new Promise((resolve) =>
      serviceWorker.addEventListener("controllerchange", resolve, { once: true }),
    );
  for (const path of paths.filter((one) => !asked.has(one))) {
    asked.add(path);
    await fetch(path, { headers: headers() }).catch(() => asked.delete(path)); // once is enough, failing is not
  }
}

/** Whether the river is kept on this device. */
export async function hasRiver(): Promise<boolean> {
  if (!("caches" in window)) return false;
  const river = new URL("/api/river", location.href).href;
  return (await caches.match(river, { ignoreVary: true, ignoreSearch: true })) !== undefined;
}
