import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';

const src = path.join(import.meta.dirname, '../src');

describe('the client', () => {
  it('stands on nothing but the platform', () => {
    const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /(?<!\.test)\.ts$/.test(name),
    );
    expect(files.length).toBeGreaterThan(8);
    for (const name of files) {
      const { importedFiles } = ts.preProcessFile(readFileSync(path.join(src, name), 'utf8'));
      for (const { fileName } of importedFiles)
        expect({ name, fileName }).toEqual({ name, fileName: expect.stringMatching(/^\.{1,2}\//) });
    }
  });

  it('is well typed in a browser, where there is no Node', () => {
    const program = ts.createProgram([path.join(src, 'index.ts')], {
      strict: true,
      noEmit: true,
      allowImportingTsExtensions: true,
      target: ts.ScriptTarget.ES2024,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      lib: ['lib.es2024.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts', 'lib.dom.asynciterable.d.ts'],
      types: [],
    });
    const found = ts
      .getPreEmitDiagnostics(program)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
    expect(found).toEqual([]);
  });
});
