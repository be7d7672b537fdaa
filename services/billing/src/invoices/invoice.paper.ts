import { digits, type Cell } from '../paper/csv.ts';
import { day, decimal, inMoney } from '../paper/money.words.ts';
import type { Paper } from '../paper/paper.pdf.ts';
import type { Party } from '../profile/profile.ts';
import type { Invoice, InvoiceLine } from './invoice.entity.ts';
import { invoiceWords } from './invoice.words.ts';

/** The number as people write it; it goes up by one from document to document. */
export const labelOf = ({ number }: Pick<Invoice, 'number'>): string => number.toString().padStart(6, '0');

const rateOf = (basisPoints: number): string => `${basisPoints / 100} %`;

const partyLines = ({ name, address, country, taxId, email }: Party, taxWord: string): string[] => [
  name,
  ...address,
  ...(country === null ? [] : [country]),
  ...(taxId === null ? [] : [`${taxWord}: ${taxId}`]),
  ...(email === null ? [] : [email]),
];

const lineText = ({ what, detail }: InvoiceLine, words: (typeof invoiceWords)['en']): string =>
  `${words.line[what]}${detail === null ? '' : ` ${/^\d+$/.test(detail) ? detail.padStart(6, '0') : detail}`}`;

/** An invoice as it is printed. */
export const invoicePaper = (invoice: Invoice): Paper => {
  const { language, currency } = invoice;
  const words = invoiceWords[language];
  const money = (cents: bigint): string => inMoney(decimal(cents), currency, language);
  const taxName = ({ name, rate, inclusive }: Invoice['taxes'][number]): string =>
    `${name} ${rateOf(rate)}${inclusive ? ` (${words.included})` : ''}`;
  return {
    title: words.title[invoice.kind],
    madeAt: invoice.issuedAt,
    facts: [
      [words.number, labelOf(invoice)],
      [words.date, day(invoice.issuedAt)],
    ],
    parties: [
      [words.seller, partyLines(invoice.seller, words.taxId)],
      [words.buyer, partyLines(invoice.buyer, words.taxId)],
    ],
    tables: [
      {
        head: [words.description, words.amount],
        rows: invoice.lines.map((line) => [lineText(line, words), money(BigInt(line.amount))]),
      },
    ],
    totals: [
      [words.net, money(invoice.net)],
      ...invoice.taxes.map((tax) => [taxName(tax), money(BigInt(tax.amount))] as const),
      [words.total, money(invoice.total)],
    ],
    notes: invoice.kind === 'invoice' ? [words.paid] : [],
  };
};

export const invoiceColumns = ['number', 'kind', 'date', 'buyer', 'row', 'detail', 'amount', 'currency'];

/** An invoice for a spreadsheet: one row a line, tax and total. */
export const invoiceRows = (invoice: Invoice): Cell[][] => {
  const { kind, currency } = invoice;
  const common = [labelOf(invoice), kind, day(invoice.issuedAt), invoice.buyer.name];
  const row = (what: string, detail: string, amount: bigint) => [
    ...common,
    what,
    detail,
    digits(decimal(amount)),
    currency,
  ];
  return [
    ...invoice.lines.map(({ what, detail, amount }) => row(what, detail ?? '', BigInt(amount))),
    ...invoice.taxes.map(({ name, rate, amount }) => row('tax', `${name} ${rateOf(rate)}`, BigInt(amount))),
    row('total', '', invoice.total),
  ];
};
