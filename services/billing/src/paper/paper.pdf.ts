import PDFDocument from 'pdfkit';

/** A document for printing. */
export interface Paper {
  readonly title: string;
  /** Makes the file the same, byte for byte, whenever it is made. */
  readonly madeAt: Date;
  /** Number, date and the like. */
  readonly facts: readonly (readonly [string, string])[];
  /** Blocks of lines side by side: who sells, who buys. */
  readonly parties: readonly (readonly [string, readonly string[]])[];
  readonly tables: readonly {
    readonly head: readonly string[];
    readonly rows: readonly (readonly string[])[];
  }[];
  readonly totals: readonly (readonly [string, string])[];
  readonly notes: readonly string[];
}

const LEFT = 56;
const WIDTH = 483;
const BOTTOM = 770;

/** The built-in fonts have the letters of Western Europe; others are shown as a question mark. */
const writable = (text: string): string =>
  text
    .normalize('NFC')
    .replaceAll(/[^\u0020-\u007e\u00a0-\u00ff\u2013\u2014\u2018\u2019\u201c\u201d\u20ac\u2022\u2026]/gu, '?');

type Doc = InstanceType<typeof PDFDocument>;

const drawTable = (doc: Doc, { head, rows }: Paper['tables'][number]): void => {
  const first = head.length > 1 ? 0.4 : 1;
  const other = head.length > 1 ? (1 - first) / (head.length - 1) : 0;
  const place = (at: number) => (at === 0 ? 0 : first + other * (at - 1)) * WIDTH;
  const line = (cells: readonly string[], bold: boolean): void => {
    doc.font(bold ? 'Helvetica-Bold' : 'Helvetica').fontSize(9);
    const width = (at: number) => (at === 0 ? first : other) * WIDTH - 6;
    const height = Math.max(...cells.map((text, at) => doc.heightOfString(writable(text), { width: width(at) })));
    if (doc.y + height > BOTTOM) doc.addPage();
    const top = doc.y;
    cells.forEach((text, at) =>
      doc.text(writable(text), LEFT + place(at), top, { width: width(at), align: at === 0 ? 'left' : 'right' }),
    );
    doc.y = top + height + 4;
  };
  line(head, true);
  doc
    .moveTo(LEFT, doc.y - 2)
    .lineTo(LEFT + WIDTH, doc.y - 2)
    .lineWidth(0.5)
    .stroke();
  for (const row of rows) line(row, false);
  doc.y += 10;
};

const draw = (doc: Doc, paper: Paper): void => {
  doc.font('Helvetica-Bold').fontSize(20).text(writable(paper.title), LEFT, 56);
  doc.fontSize(9).moveDown(0.6);
  for (const [name, value] of paper.facts) {
    doc.font('Helvetica-Bold').text(`${writable(name)}: `, LEFT, doc.y, { continued: true });
    doc.font('Helvetica').text(writable(value));
  }
  doc.moveDown();
  const top = doc.y;
  let lowest = top;
  paper.parties.forEach(([name, lines], at) => {
    const x = LEFT + (at * WIDTH) / Math.max(paper.parties.length, 1);
    const width = WIDTH / paper.parties.length - 12;
    doc.font('Helvetica-Bold').text(writable(name), x, top, { width });
    doc.font('Helvetica');
    for (const text of lines) doc.text(writable(text), x, doc.y, { width });
    lowest = Math.max(lowest, doc.y);
  });
  doc.y = lowest + 20;
  for (const table of paper.tables) drawTable(doc, table);
  paper.totals.forEach(([name, value], at) => {
    if (doc.y + 14 > BOTTOM) doc.addPage();
    doc.font(at === paper.totals.length - 1 ? 'Helvetica-Bold' : 'Helvetica').fontSize(10);
    const y = doc.y;
    doc.text(writable(name), LEFT, y, { width: WIDTH * 0.7, align: 'right' });
    doc.text(writable(value), LEFT + WIDTH * 0.7, y, { width: WIDTH * 0.3 - 6, align: 'right' });
    doc.y = y + 16;
  });
  doc.moveDown().font('Helvetica').fontSize(8);
  for (const note of paper.notes) doc.text(writable(note), LEFT, doc.y, { width: WIDTH });
};

/** Renders a document as PDF; the same paper gives the same bytes. */
export const toPdf = (paper: Paper): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const info = { Title: writable(paper.title), Producer: 'Atrium', Creator: 'Atrium' };
    const doc = new PDFDocument({
      ...{ size: 'A4', margin: LEFT, info: { ...info, CreationDate: paper.madeAt, ModDate: paper.madeAt } },
    });
    const chunks: Buffer[] = [];
    doc.on('data', (chunk: Buffer) => chunks.push(chunk));
    doc.once('error', reject);
    doc.once('end', () => resolve(Buffer.concat(chunks)));
    draw(doc, paper);
    doc.end();
  });
