import type { Comparison, Report } from './scenario.ts';
import { passes } from './verdict.ts';

const number = (value: number | null): string =>
  value === null ? '–' : value.toLocaleString('en-US', { maximumFractionDigits: value < 100 ? 1 : 0 });

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

const comparisonRow = (role: string, side: Comparison): string =>
  row([
    `${role}: ${side.name}`,
    number(side.figure),
    side.ratio === null ? '–' : `${side.ratio.toFixed(2)}×`,
    side.ci === null ? '–' : `${side.ci[0].toFixed(2)} – ${side.ci[1].toFixed(2)}`,
    side.goal === null ? '–' : `≥ ${side.goal}×`,
  ]);

/** A report as a page: the verdict, the ratios, what else was seen and how it was measured. */
export const writeMarkdown = (
  report: Report,
  conditions: { machine: string; pinning: string; quick: boolean },
): string => {
  const { title, scenario, unit, better, ours, fault, peer, floor, limits, details, rounds, method } = report;
  const notes = [
    fault && `Ours: ${fault}`,
    peer?.note && `${peer.name}: ${peer.note}`,
    floor.note && `${floor.name}: ${floor.note}`,
  ];
  return [
    `# ${title}`,
    '',
    `**${passes(report) ? 'Every goal reached' : 'A goal was missed'}.** ${rounds.length} rounds${conditions.quick ? ', short ones' : ''}; the ratios are what counts, since absolute figures move with the machine.`,
    '',
    `![${title}](${scenario}.svg)`,
    '',
    row([`${unit} (${better} is better)`, 'median', 'ours ÷ it', '95 % interval', 'goal']),
    row(['---', '---:', '---:', '---:', '---:']),
    row(['ours', number(ours), '', '', '']),
    ...(peer ? [comparisonRow('peer', peer)] : []),
    comparisonRow('floor', floor),
    '',
    ...limits.map(
      ({ label, figure, most, least = null, unit: of }) =>
        `- ${label}: ${number(figure)} ${of} (goal: at ${most === undefined ? `least ${number(least)}` : `most ${number(most)}`} ${of})`,
    ),
    ...details.map(({ label, value }) => `- ${label}: ${value}`),
    ...notes.filter(Boolean).map((note) => `- ${note}`),
    '',
    ...method,
    '',
    `Measured on ${conditions.machine}; ${conditions.pinning}.`,
    '',
  ].join('\n');
};
