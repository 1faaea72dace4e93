// tls.js FOLDER: an HTTPS server on a free loopback port with FOLDER's key.pem and certificate.pem. Prints its port,
// answers with FOLDER/answer, or says on which connection each request came, and ends after two requests, or when a test
// has had time enough.
const fs = require('fs')
const path = require('path')

const read = name => fs.readFileSync(path.join(process.argv[2], name))
const answer = fs.existsSync(path.join(process.argv[2], 'answer')) && read('answer')
let requests = 0
const server = require('https').createServer({ key: read('key.pem'), cert: read('certificate.pem') }, (request, response) => {
  request.resume().on('end', () => {
    response.end(answer || String(request.socket.remotePort), () => { if (++requests === 2) process.exit() })
  })
})
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
setTimeout(() => process.exit(1), 60000)
