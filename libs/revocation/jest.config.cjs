module.exports = require('../../jest.preset.cjs')('revocation', { stores: true });
