// TypeScript runs as native ESM; run by `./atrium test`, which brings the private Postgres and Redis.
const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { target: 'es2024', parser: { syntax: 'typescript' } },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  transformIgnorePatterns: ['/node_modules/(?!@atrium/)'],
  setupFiles: ['<rootDir>/packages/testing/src/setup/refuse-network.ts'],
  modulePathIgnorePatterns: ['<rootDir>/.atrium/'],
};

export default {
  projects: [
    {
      ...shared,
      displayName: 'rules',
      testMatch: [
        '<rootDir>/{packages,services}/*/src/**/*.test.ts',
        '<rootDir>/gateway/src/**/*.test.ts',
        '<rootDir>/bench/harness/**/*.test.ts',
      ],
    },
    { ...shared, displayName: 'packages', testMatch: ['<rootDir>/{packages/*,prove}/test/**/*.test.ts'] },
    { ...shared, displayName: 'services', testMatch: ['<rootDir>/{services/*,gateway}/test/**/*.test.ts'] },
  ],
  // Patience costs nothing where things work, and a busy machine is no failure.
  testTimeout: 150_000,
  maxWorkers: 2,
};
