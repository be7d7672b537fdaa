import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { makeIdentity, type TestIdentity } from '@atrium/testing';
import { extractText } from 'unpdf';
import { useBilling } from './fixtures/billing.fixture.ts';

const seller = { name: 'Casa do Código', address: ['Rua da Fé 1', 'Lisboa'], country: 'PT', taxId: 'PT1', email: null };
const taxes = [
  { name: 'IVA', rate: 2_300, country: 'PT' },
  { name: 'VAT', rate: 2_000, inclusive: true, country: 'GB' },
];

const {
  service,
  people: billingClient,
  payments: client,
} = useBilling({
  WELCOME_CREDIT: '0',
  TAXES: JSON.stringify(taxes),
  INVOICE_SELLER: JSON.stringify(seller),
});

const file = async (identity: TestIdentity, path: string) => {
  const answer = await fetch(`${service.url}/api/v1/billing/${path}`, {
    headers: { authorization: `Bearer ${service.issuer.token(identity)}` },
  });
  return { status: answer.status, headers: answer.headers, body: Buffer.from(await answer.arrayBuffer()) };
};
const textOf = async (pdf: Buffer): Promise<string> =>
  (await extractText(new Uint8Array(pdf), { mergePages: true })).text.replaceAll(/\s+/g, ' ');

interface Listed {
  id: string;
  number: number;
  kind: string;
}
const invoicesOf = async (identity: TestIdentity): Promise<Listed[]> =>
  (await client.get(identity, 'invoices?limit=100')).body['data'] as Listed[];

const buyer = (more: object) => ({ name: 'José Núñez & Filhos', address: ['Av. da Liberdade 2'], ...more });
const customer = async (more: object): Promise<TestIdentity> => {
  const anna = await billingClient.customer();
  expect((await client.call(anna, 'put', 'profile', buyer(more))).status).toBe(200);
  return anna;
};

describe('an invoice', () => {
  it('adds the tax of the country of the buyer, and the books keep it apart', async () => {
    const anna = await customer({ country: 'PT', language: 'pt', taxId: 'PT509' });
    const { body } = await client.manual(anna, 1_001, randomUUID());
    expect(body).toMatchObject({ amountCents: 1_001, totalCents: 1_231, taxes: [{ name: 'IVA', amountCents: 230 }] });
    expect(await client.books(anna)).toMatchObject({ paid: -12_310_000, taxes: 2_300_000, wallet: 10_010_000 });
    const [invoice] = await invoicesOf(anna);
    expect((await client.get(anna, `invoices/${invoice?.id}`)).body).toMatchObject({
      ...{ number: 1, label: '000001', kind: 'invoice', currency: 'USD', netCents: 1_001, totalCents: 1_231 },
      ...{ seller, buyer: { name: 'José Núñez & Filhos', country: 'PT' }, language: 'pt' },
      lines: [{ what: 'topup', amountCents: 1_001 }],
    });
  });

  it('shows the tax that a price contains, and the wallet gets the price', async () => {
    const anna = await customer({ country: 'GB' });
    await client.manual(anna, 1_200, randomUUID());
    expect(await client.books(anna)).toMatchObject({ paid: -12_000_000, taxes: 0, wallet: 12_000_000 });
    expect((await client.get(anna, 'invoices')).body['data']).toMatchObject([
      { netCents: 1_000, totalCents: 1_200, taxes: [{ name: 'VAT', inclusive: true, amountCents: 200 }] },
    ]);
  });

  it.each([
    ['pt', ['Fatura', 'Recarga de créditos', 'Número: 000001', '1.000,00 USD', '1.230,00 USD', 'Pago na íntegra']],
    ['es', ['Factura', 'Recarga de crédito', 'IVA 23 %', '230,00 USD', 'Pagado en su totalidad']],
    ['en', ['Invoice', 'Credit top-up', '1,000.00 USD', '1,230.00 USD', 'Paid in full']],
  ])('is a PDF in the language of the buyer: %s, the same bytes each time', async (language, words) => {
    const anna = await customer({ country: 'PT', language });
    await client.manual(anna, 100_000, randomUUID());
    const [invoice] = await invoicesOf(anna);
    const first = await file(anna, `invoices/${invoice?.id}/pdf`);
    expect(first.headers.get('content-type')).toBe('application/pdf');
    expect(first.headers.get('content-disposition')).toBe('attachment; filename="invoice-000001.pdf"');
    expect((await file(anna, `invoices/${invoice?.id}/pdf`)).body.equals(first.body)).toBe(true);
    const text = await textOf(first.body);
    for (const word of [...words, 'Casa do Código', 'José Núñez & Filhos', 'Rua da Fé 1']) expect(text).toContain(word);
  });

  it('is a CSV that a spreadsheet cannot be harmed by', async () => {
    const anna = await billingClient.customer();
    await client.call(anna, 'put', 'profile', { name: '=HYPERLINK("http://x";"y")', country: 'PT' });
    await client.manual(anna, 1_000, randomUUID());
    const [invoice] = await invoicesOf(anna);
    const { body, headers } = await file(anna, `invoices/${invoice?.id}/csv`);
    expect(headers.get('content-type')).toContain('text/csv');
    const [head, ...rows] = body.toString().trimEnd().split('\r\n');
    expect(head).toBe('number,kind,date,buyer,row,detail,amount,currency');
    expect(rows.map((row) => row.split(',').slice(-4))).toEqual([
      ['topup', '', '10.00', 'USD'],
      ['tax', 'IVA 23 %', '2.30', 'USD'],
      ['total', '', '12.30', 'USD'],
    ]);
    expect(rows.every((row) => row.includes(`"'=HYPERLINK(""http://x"";""y"")"`))).toBe(true);
  });

  it('stays as it was issued when the buyer changes', async () => {
    const anna = await customer({ country: 'PT' });
    await client.manual(anna, 1_000, randomUUID());
    await client.call(anna, 'put', 'profile', { name: 'Somebody else' });
    expect((await client.get(anna, 'invoices')).body['data']).toMatchObject([
      { buyer: { name: 'José Núñez & Filhos' } },
    ]);
  });

  it('of another workspace is not there', async () => {
    const anna = await customer({});
    await client.manual(anna, 1_000, randomUUID());
    const [invoice] = await invoicesOf(anna);
    for (const part of ['', '/pdf', '/csv'])
      expect((await file(makeIdentity(), `invoices/${invoice?.id}${part}`)).status).toBe(404);
  });
});

describe('the numbers', () => {
  it('have no gaps, whatever is refused in between and however many come at once', async () => {
    const anna = await customer({ country: 'PT' });
    const ids = await Promise.all(
      Array.from({ length: 20 }, async (_none, at) => {
        if (at % 4 === 3) return client.manual(anna, 1, `bad-${at}`);
        return client.manual(anna, 1_000 + at, `ref-${at % 16}`);
      }),
    );
    const [done] = ids.filter(({ status }) => status === 201);
    await client.refund(anna, String(done?.body['id']), 100);
    await client.refund(anna, String(done?.body['id']), 99_999);
    await client.refund(anna, String(done?.body['id']));
    const numbers = (await invoicesOf(anna)).map(({ number }) => number).toReversed();
    expect(numbers.length).toBeGreaterThan(12);
    expect(numbers).toEqual(numbers.map((_number, at) => at + 1));
    const pages: number[] = [];
    let path = 'invoices?limit=5';
    for (;;) {
      const { body } = await client.get(anna, path);
      const { data, page } = body as unknown as { data: Listed[]; page: { nextCursor: string | null } };
      pages.push(...data.map(({ number }) => number));
      if (page.nextCursor === null) break;
      path = `invoices?limit=5&cursor=${page.nextCursor}`;
    }
    expect(pages.toReversed()).toEqual(numbers);
  });

  it('of a credit note take their share of the tax, and all of it in the end', async () => {
    const anna = await customer({ country: 'PT' });
    const { body } = await client.manual(anna, 1_001, randomUUID());
    for (const part of [400, 400, 431]) expect((await client.refund(anna, String(body['id']), part)).status).toBe(201);
    expect(await client.books(anna)).toMatchObject({ paid: 0, taxes: 0, wallet: 0, owed: 0 });
    const notes = (await invoicesOf(anna)).filter(({ kind }) => kind === 'credit_note');
    expect(notes).toHaveLength(3);
    const pdf = await textOf((await file(anna, `invoices/${notes[0]?.id}/pdf`)).body);
    expect(pdf).toContain('Refund of invoice 000001');
  });
});

describe('the profile', () => {
  it.each([
    ['no name', {}],
    ['an unknown country', { name: 'x', country: 'Portugal' }],
    ['an unknown language', { name: 'x', language: 'de' }],
    ['too many lines', { name: 'x', address: Array.from({ length: 7 }, () => 'line') }],
    ['a seller', { name: 'x', seller: { name: 'me' } }],
  ])('is refused with %s', async (_name, body) => {
    const anna = makeIdentity();
    expect((await client.call(anna, 'put', 'profile', body)).body['code']).toBe('request.invalid');
  });

  it('is refused with a currency that is not taken here', async () => {
    const answer = await client.call(makeIdentity(), 'put', 'profile', { name: 'x', currency: 'BRL' });
    expect([answer.status, answer.body['code']]).toEqual([422, 'profile.unknown_currency']);
  });
});
