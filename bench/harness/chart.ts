import type { Report } from './scenario.ts';

const WIDTH = 640;
const LEFT = 210;
const BAR = 26;
const GAP = 14;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** Horizontal bars of ours, the peer and the floor; a mark shows where ours must reach for each goal. */
export const drawChart = (report: Report): string => {
  const { ours, peer, floor, title, unit, better } = report;
  const sides = [
    { name: 'ours', figure: ours, fill: '#2563eb', goal: null },
    ...(peer ? [{ ...peer, fill: '#94a3b8' }] : []),
    { ...floor, fill: '#cbd5e1' },
  ];
  const marks = sides.flatMap(({ figure, goal }) => (figure !== null && goal !== null ? [figure * goal] : []));
  const most = Math.max(1e-9, ...sides.map(({ figure }) => figure ?? 0), ...marks) * 1.15;
  const scaled = (figure: number): number => (figure / most) * (WIDTH - LEFT - 20);
  const height = 50 + sides.length * (BAR + GAP) + 14;
  const bars = sides.map(({ name, figure, fill }, at) => {
    const y = 44 + at * (BAR + GAP);
    const label =
      figure === null
        ? 'no score'
        : `${figure.toLocaleString('en-US', { maximumFractionDigits: figure < 100 ? 1 : 0 })}`;
    const width = scaled(figure ?? 0);
    return [
      `<text x="${LEFT - 8}" y="${y + 17}" text-anchor="end">${escaped(name)}</text>`,
      `<rect x="${LEFT}" y="${y}" width="${width.toFixed(1)}" height="${BAR}" rx="3" fill="${fill}"/>`,
      `<text x="${(LEFT + width + 6).toFixed(1)}" y="${y + 17}">${label}</text>`,
    ].join('');
  });
  const goals = marks.map((figure) => {
    const x = (LEFT + scaled(figure)).toFixed(1);
    return `<line x1="${x}" y1="38" x2="${x}" y2="${44 + BAR + 6}" stroke="#dc2626" stroke-width="2" stroke-dasharray="4 3"/>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="13" fill="#0f172a">`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    `<text x="12" y="22" font-weight="600">${escaped(title)}</text>`,
    ...bars,
    ...goals,
    `<text x="12" y="${height - 6}" font-size="11" fill="#475569">${escaped(unit)}, ${better} is better; dashed: where ours must reach</text>`,
    '</svg>',
    '',
  ].join('\n');
};
