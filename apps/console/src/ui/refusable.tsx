/** A button that is disabled with its reason rather than hidden. It keeps its place in the tab order, so that the reason can be read. */
import { Button, type ButtonProps, Tooltip } from "@mantine/core";
import type { ReactNode } from "react";

export interface RefusableProps extends ButtonProps {
  /** Why it can't be pressed; undefined when it can. */
  readonly refusal: string | undefined;
  readonly onClick: () => void;
  readonly type?: "button" | "submit";
  readonly children: ReactNode;
}

export function RefusableButton({ refusal, onClick, children, ...rest }: RefusableProps) {
  if (refusal === undefined)
    return (
      <Button {...rest} onClick={onClick}>
        {children}
      </Button>
    );
  return (
    <Tooltip label={refusal} multiline maw={320} events={{ hover: true, focus: true, touch: true }}>
      <Button {...rest} variant="default" aria-disabled data-disabled onClick={(event) => event.preventDefault()}>
        {children}
        <span className="visually-hidden">, not possible: {refusal}</span>
      </Button>
    </Tooltip>
  );
}
