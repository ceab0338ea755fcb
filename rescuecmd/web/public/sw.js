/* The phone page without a network: its shell, its river and its last pictures from this device.

   The live socket, commands and every other question to the server go past this worker. Names of the files in
   /assets/ change with their content, so what is kept under a name is right for ever; the shell is kept anew whenever
   the network has given it. Keys never become part of what is kept. */
const CACHE = "rescuecmd-phone-1";
const SHELL = "/terminal/shell";
const PATIENCE_MS = 3000;
const KEPT = /^\/api\/(river$|cards\/.+\/picture\.svg$)/;

addEventListener("install", (event) => {
  event.waitUntil(
    fetch(SHELL)
      .then(keepShell)
      .then(() => self.skipWaiting()),
  );
});

addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (event.request.mode === "navigate") event.respondWith(page(event));
  else if (url.pathname.startsWith("/assets/")) event.respondWith(keptFirst(event.request));
  else if (KEPT.test(url.pathname)) event.respondWith(networkFirst(event.request, nameOf(url)));
});

/** The page from the network, else the shell that was kept: it is the same for every terminal. */
async function page(event) {
  try {
    const answer = await inTime(fetch(event.request));
    if (answer.ok) event.waitUntil(keepShell(answer.clone()));
    return answer;
  } catch {
    return (await caches.match(SHELL, { ignoreVary: true })) ?? Response.error();
  }
}

async function keepShell(answer) {
  if (!answer.ok) throw new Error(`no shell: ${answer.status}`);
  const html = await answer.clone().text();
  const needed = [...new Set(html.match(/\/assets\/[\w.-]+/g) ?? [])];
  const cache = await caches.open(CACHE);
  const missing = [];
  for (const path of needed) if (!(await cache.match(path))) missing.push(path);
  await cache.addAll(missing); // first what the shell needs, then the shell: what is kept always works
  await cache.put(SHELL, answer);
}

async function keptFirst(request) {
  const kept = await caches.match(request, { ignoreSearch: true, ignoreVary: true });
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) await (await caches.open(CACHE)).put(request, answer.clone());
  return answer;
}

async function networkFirst(request, name) {
  const cache = await caches.open(CACHE);
  try {
    const answer = await inTime(fetch(request));
    if (answer.ok) await cache.put(name, answer.clone());
    return answer;
  } catch {
    return (await cache.match(name, { ignoreVary: true })) ?? Response.error();
  }
}

function nameOf(url) {
  const name = new URL(url);
  name.searchParams.delete("key");
  return name.href;
}

function inTime(answer) {
  return Promise.race([
    answer,
    new Promise((_, reject) => setTimeout(() => reject(new Error("too slow")), PATIENCE_MS)),
  ]);
}
