/** Sign out: the session ends on the server, and this tab forgets it. */
import { headers } from "../api/http";

export async function signOut(): Promise<void> {
  await fetch("/api/session", { method: "DELETE", headers: headers() }).catch(() => undefined); // it ends by itself
  sessionStorage.removeItem("rescuecmd.key");
  location.assign("/signin");
}
