/** The building blocks in all their states, without a node: `?view=` chooses. Browser tests look at it; nobody is served it. */
import { Button } from "@mantine/core";
import { StrictMode, useState } from "react";
import { createRoot } from "react-dom/client";
import { adoptTheme, Look } from "../src/shell/look.tsx";
import { AnnouncerProvider } from "../src/ui/announcer.tsx";
import { ReadingProvider } from "../src/ui/reading.tsx";
import { Blocks } from "./blocks.tsx";
import { Charts } from "./charts.tsx";
import { HundredThousand, TableStates } from "./tables.tsx";

const VIEWS = { blocks: Blocks, tables: TableStates, many: HundredThousand, charts: Charts } as const;

function Gallery() {
  const wanted = new URLSearchParams(location.search).get("view");
  const [view, setView] = useState<keyof typeof VIEWS>(isView(wanted) ? wanted : "blocks");
  const View = VIEWS[view];
  return (
    <main>
      <nav aria-label="Gallery">
        {Object.keys(VIEWS)
          .filter(isView)
          .map((name) => (
            <Button key={name} variant={name === view ? "filled" : "default"} m={4} onClick={() => setView(name)}>
              {name}
            </Button>
          ))}
      </nav>
      <View />
    </main>
  );
}

function isView(name: string | null): name is keyof typeof VIEWS {
  return name !== null && Object.hasOwn(VIEWS, name);
}

adoptTheme();
const root = document.getElementById("root");
if (root)
  createRoot(root).render(
    <StrictMode>
      <Look>
        <AnnouncerProvider>
          <ReadingProvider timeZone="UTC">
            <Gallery />
          </ReadingProvider>
        </AnnouncerProvider>
      </Look>
    </StrictMode>,
  );
