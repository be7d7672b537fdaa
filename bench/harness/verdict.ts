import type { Comparison, Limit, Report } from './scenario.ts';

/** A goal without a score is a goal missed: what was not measured was not reached. */
const reaches = ({ goal, ratio }: Comparison): boolean => goal === null || (ratio !== null && ratio >= goal);

/** To be ahead of a peer the whole interval must lie above 1, not the median alone. */
const ahead = (peer: Comparison): boolean => peer.goal === null || (peer.ci !== null && peer.ci[0] > 1);

const keeps = ({ figure, most = Infinity, least = -Infinity }: Limit): boolean => figure <= most && figure >= least;

/** Whether every goal of the scenario was reached. */
export const passes = ({ ours, peer, floor, limits }: Report): boolean =>
  ours !== null && reaches(floor) && (peer === null || (reaches(peer) && ahead(peer))) && limits.every(keeps);

const rounded = (value: number | null, digits: number): number | null =>
  value === null ? null : Number(value.toFixed(digits));

const interval = (side: Comparison | null): [number, number] | null =>
  side?.ci ? [Number(side.ci[0].toFixed(3)), Number(side.ci[1].toFixed(3))] : null;

/** The one line that `--json` prints for a scenario. */
export const summaryLine = (report: Report): string => {
  const { scenario, ours, peer, floor, limits } = report;
  return JSON.stringify({
    scenario,
    ours: rounded(ours, 2),
    peer: rounded(peer?.figure ?? null, 2),
    peerName: peer?.name ?? null,
    ratioPeer: rounded(peer?.ratio ?? null, 3),
    floor: rounded(floor.figure, 2),
    floorName: floor.name,
    ratioFloor: rounded(floor.ratio, 3),
    ci: { peer: interval(peer), floor: interval(floor) },
    goal: {
      peer: peer?.goal ?? null,
      floor: floor.goal,
      ...Object.fromEntries(limits.map(({ name, most, least }) => [name, most ?? least])),
    },
    pass: passes(report),
  });
};
