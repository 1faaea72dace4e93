// server.js FOLDER: dynalite on a free loopback port, in memory; its URL stands in FOLDER/url once it serves. On SIGUSR2 it
// writes to FOLDER/requests how many requests of each operation have come so far.
const fs = require('fs')
const path = require('path')
const { createRequire } = require('module')

const folder = path.resolve(process.argv[2])
const dynalite = createRequire(path.join(folder, 'package.json'))('dynalite')
const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 })

const write = (name, text) => {
  const file = path.join(folder, name)
  fs.writeFileSync(file + '.new', text)
  fs.renameSync(file + '.new', file)
}

const requests = {}
server.prependListener('request', request => {
  const operation = String(request.headers['x-amz-target']).split('.').pop()
  requests[operation] = (requests[operation] || 0) + 1
})
process.on('SIGUSR2', () => write('requests', JSON.stringify(requests) + '\n'))
server.listen(0, '127.0.0.1', () => write('url', `http://127.0.0.1:${server.address().port}\n`))
