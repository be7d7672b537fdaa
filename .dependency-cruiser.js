/** The floors of the house: imports go down only. See ARCHITECTURE.md. */
export default {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-undeclared-packages',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    { name: 'no-missing-files', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'services-do-not-know-each-other',
      comment: 'They meet in packages/contracts, over HTTP and over events.',
      severity: 'error',
      from: { path: '^services/([^/]+)/' },
      to: { path: '^services/', pathNot: '^services/$1/' },
    },
    {
      name: 'nobody-imports-the-gateway',
      severity: 'error',
      from: { pathNot: '^(gateway|packages/launcher|bench|prove)/' },
      to: { path: '^gateway/' },
    },
    {
      name: 'packages-know-no-service',
      comment: 'Only the launcher has the role table.',
      severity: 'error',
      from: { path: '^packages/(?!launcher/)' },
      to: { path: '^(services|gateway)/' },
    },
    {
      name: 'contracts-import-zod-only',
      severity: 'error',
      from: { path: '^packages/contracts/src/' },
      to: { pathNot: '^(packages/contracts/src/|node_modules/(\\.pnpm/)?zod)' },
    },
    {
      name: 'kit-stands-on-contracts-only',
      severity: 'error',
      from: { path: '^packages/service-kit/src/' },
      to: { path: '^packages/(?!service-kit/|contracts/)' },
    },
    {
      name: 'llm-stands-alone',
      severity: 'error',
      from: { path: '^packages/llm/src/', pathNot: '\\.test\\.ts$' },
      to: { path: '^packages/(?!llm/)' },
    },
    {
      name: 'sdk-stands-alone',
      comment: 'It runs in browsers: no package, no Node.',
      severity: 'error',
      from: { path: '^packages/sdk/src/', pathNot: '\\.test\\.ts$' },
      to: { pathNot: '^packages/sdk/src/' },
    },
    {
      name: 'typeorm-in-stores-only',
      comment: 'Rules get stores, not tables.',
      severity: 'error',
      from: {
        path: '^(services|gateway)/.+/src/|^services/[^/]+/src/',
        pathNot: '\\.(store|entity|migration|test)\\.ts$|/migrations/',
      },
      to: { path: '(^|/)node_modules/.*typeorm', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'express-in-routes-only',
      severity: 'error',
      from: { path: '^services/[^/]+/src/', pathNot: '\\.routes\\.ts$' },
      to: { path: '(^|/)node_modules/.*(express|busboy)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'bullmq-in-the-kit-only',
      severity: 'error',
      from: { path: '^(services|gateway)/' },
      to: { path: '(^|/)node_modules/.*bullmq/' },
    },
    {
      name: 'routes-do-not-touch-stores',
      severity: 'error',
      from: { path: '\\.(routes|subscribers)\\.ts$', pathNot: '^packages/service-kit/' },
      to: { path: '\\.(store|entity)\\.ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'services-know-no-http',
      severity: 'error',
      from: { path: '\\.service\\.ts$' },
      to: { path: '\\.(routes|jobs|subscribers)\\.ts$' },
    },
    {
      name: 'stores-know-no-rules-above',
      severity: 'error',
      from: { path: '\\.(store|entity)\\.ts$' },
      to: { path: '\\.(service|routes|jobs|subscribers)\\.ts$' },
    },
    {
      name: 'testing-stays-in-tests',
      severity: 'error',
      from: {
        path: '^(services|gateway|packages)/[^/]+/src/|^gateway/src/',
        pathNot: '\\.test\\.ts$|^packages/(testing|launcher)/',
      },
      to: { path: '^packages/testing/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.js', '.mjs', '.json'],
    },
    tsConfig: { fileName: 'tsconfig.json' },
  },
};
