/** Bundles the console into dist/. No inline script or style leaves the build, so the page runs under `script-src 'self'; style-src 'self'`. */
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2022",
    manifest: true, // the bundle test reads which files the first page loads
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0, // data: URLs would need a wider policy
    reportCompressedSize: false,
    chunkSizeWarningLimit: 2_000,
  },
  server: { proxy: { "/api": "http://localhost:8420", "/auth": "http://localhost:8420" } },
});
