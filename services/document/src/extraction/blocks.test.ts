import { describe, expect, it } from '@jest/globals';
import { htmlBlocks } from './html.blocks.ts';
import { markdownBlocks } from './markdown.blocks.ts';
import { bodyHeight, linesToBlocks, runsToLines } from './pdf.lines.ts';
import { textBlocks } from './text.blocks.ts';
import { decodeText } from './text.decode.ts';

describe('blocks of text', () => {
  it('are parted by blank lines and page feeds', () => {
    expect(textBlocks('um\r\ndois\r\n \r\ntrês\fquatro\n\n\n').map(({ text }) => text)).toEqual([
      'um\ndois',
      'três',
      'quatro',
    ]);
  });
});

describe('blocks of Markdown', () => {
  it.each([
    ['## C# ##  \n#', [{ heading: 'C#', level: 2, text: '' }]],
    ['# A #\nx', [{ heading: 'A', level: 1, text: 'x' }]],
    [
      'A\n===\nx\n\nB\n---',
      [
        { heading: 'A', level: 1, text: 'x' },
        { heading: 'B', level: 2, text: '' },
      ],
    ],
    ['```sh\n# no heading\n\nls\n```\nx', [{ text: '```sh\n# no heading\n\nls\n```' }, { text: 'x' }]],
    ['~~~\n```\n# x\n~~~~\n# H', [{ text: '~~~\n```\n# x\n~~~~' }, { heading: 'H', level: 1, text: '' }]],
    ['- item\n---\nx', [{ text: '- item\n---\nx' }]],
    ['#hashtag', [{ text: '#hashtag' }]],
  ])('%j', (markdown, blocks) => {
    expect(markdownBlocks(markdown).blocks).toEqual(blocks);
  });

  it('take the title from front matter, else from the first heading', () => {
    expect(markdownBlocks('---\ntitle: "Guia"\ntags: [a]\n---\n# Outro')).toMatchObject({
      title: 'Guia',
      blocks: [{ heading: 'Outro' }],
    });
    expect(markdownBlocks('texto\n\n# Guia').title).toBe('Guia');
    expect(markdownBlocks('---\n\nA line, not a setting.\n\n---\nx').title).toBeNull();
  });
});

describe('blocks of HTML', () => {
  it('keep words whole over inline marks and turn breaks into line ends', () => {
    expect(htmlBlocks('<p>pa<strong>la</strong>vra<br />nova &amp; <a href="x">boa</a></p>')).toEqual([
      { text: 'palavra\nnova & boa' },
    ]);
  });
  it('show lists inside lists', () => {
    expect(htmlBlocks('<ul><li>um<ul><li>dois</li></ul></li><li>três</li></ul><p>fim</p>')).toEqual([
      { text: '- um\n  - dois\n- três' },
      { text: 'fim' },
    ]);
  });
  it('keep what stands in a cell in that cell', () => {
    const html =
      '<table><tr><td><p>a</p><p>b</p><ul><li>c</li></ul></td><td><table><tr><td>d</td><td>e</td></tr></table></td></tr></table>';
    expect(htmlBlocks(html)).toEqual([{ text: 'a b c | d e' }]);
  });
});

describe('lines of a PDF', () => {
  const line = (text: string, y: number, height = 10) => ({ text, y, height });

  it('are joined from runs, with a space where there is a gap', () => {
    const run = (text: string, x: number, width: number, endsLine = false) => ({
      text,
      x,
      y: 100,
      width,
      height: 10,
      endsLine,
    });
    expect(runsToLines([run('con', 0, 15), run('trato', 15, 25), run('novo', 50, 20, true), run('x', 0, 5)])).toEqual([
      line('contrato novo', 100),
      line('x', 100),
    ]);
  });
  it('become headings by size and paragraphs by distance', () => {
    const lines = [
      line('Título', 100, 20),
      line('em duas linhas', 78, 20),
      line('um', 50),
      line('dois', 38),
      line('três', 10),
    ];
    expect(bodyHeight([...lines, line('texto corrido que é a maior parte', 0)])).toBe(10);
    expect(linesToBlocks(lines, 10)).toEqual([
      { heading: 'Título em duas linhas', level: 1, text: 'um dois' },
      { text: 'três' },
    ]);
  });
  it('lose the hyphen of a parted word and keep that of a pronoun', () => {
    expect(linesToBlocks([line('um docu-', 40), line('mento tornou-', 28), line('se válido', 16)], 10)).toEqual([
      { text: 'um documento tornou-se válido' },
    ]);
  });
  it('keep list items apart, and columns', () => {
    expect(
      linesToBlocks([line('Itens:', 40), line('• um', 28), line('• dois', 16), line('outra coluna', 40)], 10),
    ).toEqual([{ text: 'Itens:\n• um\n• dois' }, { text: 'outra coluna' }]);
  });
});

describe('decoded text', () => {
  it.each([
    ['utf-8', Buffer.from('\uFEFFação')],
    ['windows-1252', Buffer.from([0x61, 0xe7, 0xe3, 0x6f, 0x20, ...Buffer.from('muito bem aqui')])],
    ['utf-16le', Buffer.from('\uFEFFação', 'utf16le')],
    ['utf-16be', Buffer.from('\uFEFFação', 'utf16le').swap16()],
  ])('in %s', (encoding, bytes) => {
    expect(decodeText(bytes)).toMatchObject({ encoding, text: expect.stringMatching(/^ação/) });
  });
  it('is none with control characters', () => {
    expect(decodeText(Buffer.from('a\u0001b'))).toBeNull();
  });
});
