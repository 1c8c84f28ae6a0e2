module.exports = require('../../jest.preset.cjs')('auth-service', { stores: true });
