module.exports = require('../../jest.preset.cjs')('orders-service', { stores: true });
