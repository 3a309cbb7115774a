/**
 * The component library set to this project's look. Nothing here writes a style element: the theme's sheet is a constructed
 * one, and the library's own runtime sheets are off, so that the page runs under `style-src 'self'`.
 */
import { createTheme, localStorageColorSchemeManager, MantineProvider } from "@mantine/core";
import type { ReactNode } from "react";
import "@mantine/core/styles.layer.css";
import { themeCss } from "../theme.ts";
import "../ui/base.css";

const dense = { defaultProps: { size: "xs" } };
// locking the page's scroll would write a style element; the page behind a dialog may scroll
const overlay = { lockScroll: false, overlayProps: { backgroundOpacity: 0.35 } };

const theme = createTheme({
  primaryColor: "blue",
  respectReducedMotion: true,
  cursorType: "pointer",
  defaultRadius: "sm",
  // by name and not with `Button.extend`, which would load every component before the first page
  components: {
    ActionIcon: { defaultProps: { size: 28 } },
    Button: { defaultProps: { size: "xs", fw: 500 } },
    Checkbox: dense,
    Drawer: { defaultProps: overlay },
    Modal: { defaultProps: { ...overlay, centered: true, size: 520 } },
    MultiSelect: dense,
    NativeSelect: dense,
    NumberInput: dense,
    PasswordInput: dense,
    Popover: { defaultProps: { shadow: "md" } },
    Radio: dense,
    Skeleton: { defaultProps: { animate: false } },
    Textarea: dense,
    TextInput: dense,
  },
});

const schemes = localStorageColorSchemeManager({ key: "holdfast-scheme" });

/** Puts the theme's sheet behind the linked ones, so that it has the last word. Call it once. */
export function adoptTheme(): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(themeCss());
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}

export function Look({ children }: { children: ReactNode }) {
  return (
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      colorSchemeManager={schemes}
      withCssVariables={false}
      withGlobalClasses={false}
    >
      {children}
    </MantineProvider>
  );
}
