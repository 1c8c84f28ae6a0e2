module.exports = require('../../jest.preset.cjs')('tls-check');
