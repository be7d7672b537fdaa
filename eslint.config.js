import tseslint from 'typescript-eslint';

/** Rules that keep the house in order; each one was worth a review comment once. */
export default tseslint.config(
  { ignores: ['**/node_modules/', '.atrium/', 'bench/results/', 'packages/sdk/src/generated/'] },
  { files: ['**/*.ts'], extends: [tseslint.configs.recommendedTypeChecked] },
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // Handlers and store methods share the async shape of their interface, whether or not they wait today.
      '@typescript-eslint/require-await': 'off',
      // Factories close over their parts and use no `this`, so their functions can be taken apart.
      '@typescript-eslint/unbound-method': 'off',
      // Express 5 awaits handlers; elsewhere a promise where none is expected stays an error.
      '@typescript-eslint/no-misused-promises': [
        'error',
        { checksVoidReturn: { arguments: false, properties: false } },
      ],
      eqeqeq: 'error',
      'no-console': 'error',
      'max-lines': ['error', { max: 220, skipComments: true, skipBlankLines: true }],
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true, named: true, defaultFrom: true } }],
    },
  },
  {
    // Settings come in through config.ts; the rest of a service gets them as parameters.
    files: ['services/*/src/**/*.ts', 'gateway/src/**/*.ts', 'packages/*/src/**/*.ts'],
    ignores: ['**/config.ts', '**/main.ts', 'packages/launcher/**', 'packages/testing/**', '**/*.test.ts'],
    rules: {
      'no-restricted-properties': ['error', { object: 'process', property: 'env', message: 'Read it in config.ts.' }],
    },
  },
  {
    // The terminal is the launcher's own output.
    files: ['packages/launcher/**/*.ts', 'bench/**/*.ts', 'prove/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['**/*.test.ts'],
    rules: { 'max-lines': ['error', { max: 400, skipComments: true, skipBlankLines: true }] },
  },
);
