/** Starts the console. */
import { forgoEval } from "@holdfast/api";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { router } from "./router.tsx";
import { queryClient } from "./shell/api.ts";
import { adoptTheme, Look } from "./shell/look.tsx";
import { AnnouncerProvider } from "./ui/announcer.tsx";
import { ReadingProvider } from "./ui/reading.tsx";

forgoEval();
adoptTheme();
const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <Look>
      <QueryClientProvider client={queryClient}>
        <AnnouncerProvider>
          <ReadingProvider timeZone={timeZone}>
            <RouterProvider router={router} />
          </ReadingProvider>
        </AnnouncerProvider>
      </QueryClientProvider>
    </Look>
  </StrictMode>,
);
