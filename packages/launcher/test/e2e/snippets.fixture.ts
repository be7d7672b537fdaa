import ts from 'typescript';

/** One fenced block of a document. */
export interface Snippet {
  /** Line of the document that it begins on. */
  readonly line: number;
  readonly code: string;
}

/** The `ts` and `js` blocks of a Markdown text, in their order. */
export const snippetsOf = (markdown: string): Snippet[] =>
  [...markdown.matchAll(/^```(?:ts|js|typescript|javascript)\b.*\n([\s\S]*?)^```$/gm)].map((match) => ({
    line: markdown.slice(0, match.index).split('\n').length + 1,
    code: match[1] ?? '',
  }));

const IMPORT = /^import (\{[^}]*\}) from '@atrium\/sdk';$/gm;

/** All of them as one module, as a reader would write it; `page` is described to the compiler. */
export const asModule = (snippets: readonly Snippet[], described: string): string =>
  [described, ...snippets.map(({ code }) => code), 'export {};'].join('\n');

/**
 * All of them as one program that shares its variables and tells when each begins and ends.
 * @param names what is there besides the platform
 */
export const asProgram = (snippets: readonly Snippet[], names: readonly string[]) => {
  const text = snippets
    .map(
      ({ code, line }) =>
        `await $at(${line}, 'begins');\n${code.replace(IMPORT, 'const $1 = $sdk;')}\nawait $at(${line}, 'ends');`,
    )
    .join('\n');
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: { target: ts.ScriptTarget.ES2024, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true },
  });
  const AsyncFunction = (async () => undefined).constructor as new (
    ...parts: string[]
  ) => (...values: unknown[]) => Promise<void>;
  return new AsyncFunction('$sdk', '$at', ...names, outputText);
};

/** What a compiler for browsers says of a module. */
export const complaintsAbout = (fileName: string, text: string): string[] => {
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    target: ts.ScriptTarget.ES2024,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    lib: ['lib.es2024.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts', 'lib.dom.asynciterable.d.ts'],
    types: [],
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (name) => name === fileName || fileExists(name);
  host.readFile = (name) => (name === fileName ? text : readFile(name));
  host.getSourceFile = (name, ...rest) =>
    name === fileName ? ts.createSourceFile(name, text, ts.ScriptTarget.ES2024) : getSourceFile(name, ...rest);
  return ts.getPreEmitDiagnostics(ts.createProgram([fileName], options, host)).map(({ file, start, messageText }) => {
    const line = file && start !== undefined ? text.split('\n')[file.getLineAndCharacterOfPosition(start).line] : '';
    return `${line?.trim()}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
};
