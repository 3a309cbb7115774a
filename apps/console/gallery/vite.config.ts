/** Bundles the gallery of building blocks, `new URL("./main.tsx", import.meta.url)`, for test/e2e/blocks.test.ts; it is no part of the console. */
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: { target: "es2022", modulePreload: { polyfill: false }, assetsInlineLimit: 0, reportCompressedSize: false },
});
