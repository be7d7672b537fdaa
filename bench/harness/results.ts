import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { drawChart } from './chart.ts';
import { describeMachine, type Pinning } from './machine.ts';
import { writeMarkdown } from './markdown.ts';
import type { Report } from './scenario.ts';
import { passes } from './verdict.ts';

/** Writes a report as JSON, Markdown and SVG, all named after the scenario. */
export const writeResults = (
  dir: string,
  report: Report,
  how: { quick: boolean; pinning: Pinning },
): { markdown: string; text: string } => {
  mkdirSync(dir, { recursive: true });
  const conditions = { machine: describeMachine(), pinning: how.pinning.note, quick: how.quick };
  const file = (ending: string): string => path.join(dir, `${report.scenario}.${ending}`);
  const text = writeMarkdown(report, conditions);
  writeFileSync(file('json'), `${JSON.stringify({ ...report, pass: passes(report), conditions }, null, 2)}\n`);
  writeFileSync(file('md'), text);
  writeFileSync(file('svg'), drawChart(report));
  return { markdown: file('md'), text };
};
