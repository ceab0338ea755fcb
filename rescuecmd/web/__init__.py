"""The front end: command wall, terminal and trainer page (Svelte, TypeScript, MapLibre) from one source tree in `src`.

`src` is cut by subject: `api` (address, requests, live link), `picture` (what the server last sent, and what the
screens ask of it), `map`, `video`, `cards`, `text` (zh and en by key), `ui`, and one folder for each page. The types
of the server come from its OpenAPI document (`src/api/schema.d.ts`, made by `npm run types`), never by hand. The
pages ask nothing of any other address. `build_pages.py` builds them into `dist` when their sources have changed.
"""
