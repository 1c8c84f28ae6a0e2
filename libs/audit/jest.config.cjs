module.exports = require('../../jest.preset.cjs')('audit', { stores: true });
