module.exports = require('../../jest.preset.cjs')('billing-service', { stores: true });
