import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

// The pages come from one source tree. Addresses in the output are absolute from the server's root ("/assets/...").
export default defineConfig({
  plugins: [svelte()],
  base: "/",
  build: {
    target: "es2022",
    outDir: "dist",
    emptyOutDir: true,
    sourcemap: false,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500,
    rolldownOptions: {
      checks: { pluginTimings: false },
      input: {
        index: "index.html",
        command: "command.html",
        terminal: "terminal.html",
        trainer: "trainer.html",
        enrol: "enrol.html",
        signin: "signin.html",
        trust: "trust.html",
        locate: "locate.html",
      },
    },
  },
});
