const { createTransformer } = require('@swc/jest');

/**
 * Translates a package that imports one of its modules by file URL. Translated, `import()` is `require()`, and
 * outside of Jest's own module registry, where a global setup runs, that takes paths only.
 */
module.exports = {
  createTransformer(options) {
    const swc = createTransformer(options);
    return {
      ...swc,
      process: (source, ...rest) =>
        swc.process(
          source.replaceAll(
            'import(moduleUrl)',
            'import(require("node:url").fileURLToPath(moduleUrl))',
          ),
          ...rest,
        ),
    };
  },
};
