import { digits, type Cell } from '../paper/csv.ts';
import { decimalOfMicros, inMoney } from '../paper/money.words.ts';
import type { Paper } from '../paper/paper.pdf.ts';
import type { Buyer, Language, Party } from '../profile/profile.ts';
import type { StatementView } from './statement.schema.ts';

const words: Record<Language, Record<string, string>> = {
  en: {
    ...{ title: 'Statement', month: 'Month', seller: 'From', buyer: 'To', movement: 'Movement', entries: 'Entries' },
    ...{ amount: 'Amount', opening: 'Opening balance', closing: 'Closing balance', model: 'Model' },
    ...{ answers: 'Answers', tokens: 'Tokens in / out', charged: 'Charged' },
  },
  pt: {
    ...{ title: 'Extrato', month: 'Mês', seller: 'De', buyer: 'Para', movement: 'Movimento', entries: 'Lançamentos' },
    ...{ amount: 'Valor', opening: 'Saldo inicial', closing: 'Saldo final', model: 'Modelo' },
    ...{ answers: 'Respostas', tokens: 'Tokens entrada / saída', charged: 'Cobrado' },
  },
  es: {
    ...{ title: 'Extracto', month: 'Mes', seller: 'De', buyer: 'Para', movement: 'Movimiento', entries: 'Asientos' },
    ...{ amount: 'Importe', opening: 'Saldo inicial', closing: 'Saldo final', model: 'Modelo' },
    ...{ answers: 'Respuestas', tokens: 'Tokens entrada / salida', charged: 'Cobrado' },
  },
};

/** A statement as it is printed, in the language of the workspace. */
export const statementPaper = (view: StatementView, seller: Party, buyer: Buyer): Paper => {
  const { language } = buyer;
  const say = (key: string): string => words[language][key] ?? key;
  const money = (micros: number): string => inMoney(decimalOfMicros(BigInt(micros)), view.currency, language);
  return {
    title: say('title'),
    madeAt: new Date(view.closedAt),
    facts: [[say('month'), view.month]],
    parties: [
      [say('seller'), [seller.name, ...seller.address]],
      [say('buyer'), [buyer.name, ...buyer.address]],
    ],
    tables: [
      {
        head: [say('movement'), say('entries'), say('amount')],
        rows: view.movements.map(({ kind, entries, amount }) => [kind, String(entries), money(amount)]),
      },
      {
        head: [say('model'), say('answers'), say('tokens'), say('charged')],
        rows: view.usage.map(({ provider, model, answers, inputTokens, outputTokens, charged }) => [
          ...[`${provider}/${model}`, String(answers), `${inputTokens} / ${outputTokens}`, money(charged)],
        ]),
      },
    ],
    totals: [
      [say('opening'), money(view.opening)],
      [say('closing'), money(view.closing)],
    ],
    notes: [],
  };
};

export const statementColumns = ['month', 'row', 'name', 'count', 'amount', 'currency'];

/** A statement for a spreadsheet. */
export const statementRows = (view: StatementView): Cell[][] => {
  const row = (what: string, name: string, count: number | null, amount: number): Cell[] => [
    ...[view.month, what, name, count, digits(decimalOfMicros(BigInt(amount))), view.currency],
  ];
  return [
    row('opening', '', null, view.opening),
    ...view.movements.map(({ kind, entries, amount }) => row('movement', kind, entries, amount)),
    row('closing', '', null, view.closing),
    ...view.usage.map(({ provider, model, answers, charged }) =>
      row('usage', `${provider}/${model}`, answers, charged),
    ),
  ];
};
