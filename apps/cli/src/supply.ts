/** `holdfast supply …`: offline analysis of supply networks in files. Exit codes: 64 usage, 65 bad data, 66 no such file. */
import type { Command } from "commander";
import { addAlternatives } from "./supply-alternatives.ts";
import { addEsri } from "./supply-esri.ts";
import { addExposure } from "./supply-exposure.ts";
import { addPlan } from "./supply-plan.ts";
import { addScreen } from "./supply-screen.ts";
import { addSimulate } from "./supply-simulate.ts";
import { addSpof } from "./supply-spof.ts";

export function addSupply(program: Command): void {
  const supply = program
    .command("supply")
    .description("what stops if this fails, how long we last, what to buy against it");
  addEsri(supply);
  addScreen(supply);
  addExposure(supply);
  addSpof(supply);
  addAlternatives(supply);
  addSimulate(supply);
  addPlan(supply);
}
