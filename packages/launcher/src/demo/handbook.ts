import { buffer } from 'node:stream/consumers';
import PDFDocument from 'pdfkit';

/** One sheet of the demo's document. */
interface Sheet {
  readonly heading: string;
  readonly paragraphs: readonly string[];
}

const sheets: readonly Sheet[] = [
  {
    heading: 'Harbour Coffee: handbook for the shop team',
    paragraphs: [
      'This handbook collects what everybody behind the counter needs to know. It is short on purpose: what is not here is decided by the person on shift.',
      'The shop opens at seven on weekdays and at nine at weekends. The first person in switches on the grinders and checks the fridge, which must stay below five degrees.',
    ],
  },
  {
    heading: 'Deliveries and stock',
    paragraphs: [
      'Milk arrives every morning before opening. Beans are delivered on Tuesdays by the roastery and are rested for ten days before they are sold.',
      'Count the stock on the last Sunday of the month. Differences of more than two percent are written into the stock book with a reason.',
    ],
  },
  {
    heading: 'Refunds and complaints',
    paragraphs: [
      'Customers may ask for a refund of bags of beans within 45 days of buying them, opened or not, as long as they bring the receipt.',
      'Refunds above eighty euros need the signature of the shift lead. Complaints about drinks are settled at once with a new drink and an apology.',
    ],
  },
  {
    heading: 'Machines and care',
    paragraphs: [
      'The espresso machine is backflushed with cleaner every evening and descaled every three months by the technician.',
      'If the pressure gauge shows less than eight bar, stop serving and call the technician. The number hangs beside the machine.',
    ],
  },
];

/** The page that the demo's question is answered on, counted from 1. */
export const ANSWER_PAGE = 3;
/** What the answer must say. */
export const ANSWER = '45 days';
export const QUESTION = 'Within how many days can customers ask for a refund of beans?';

/** Makes the handbook as a PDF with one sheet a page. */
export const makeHandbook = async (): Promise<Buffer> => {
  const pdf = new PDFDocument({ autoFirstPage: false, info: { Title: 'Harbour Coffee handbook' } });
  const bytes = buffer(pdf);
  for (const { heading, paragraphs } of sheets) {
    pdf.addPage({ size: 'A4', margin: 60 });
    pdf.fontSize(20).text(heading).moveDown();
    for (const paragraph of paragraphs) pdf.fontSize(11).text(paragraph).moveDown();
  }
  pdf.end();
  return bytes;
};
