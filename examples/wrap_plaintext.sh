#!/bin/sh
# Protects a program that does not know channels: an unchanged HTTP server, which any browser reaches through the tool.
#
#     sh examples/wrap_plaintext.sh [ENTRANCE [CHANNEL [PROGRAM]]]        (three ports; then open http://127.0.0.1:8080/)
entrance=${1:-8080} channel=${2:-4433} program=${3:-8000}
fesa="node --import tsx src/cli/main.ts" # if the package is installed: npx fesa
setting="--setting native --secret-file keys/secret"

# On the server: the program, and the server's end of the channel. Only the channel is open to the network.
node -e "http.createServer((request, response) => response.end('in plaintext\n')).listen($program, '127.0.0.1')" &
http=$!
$fesa serve --listen "127.0.0.1:$channel" $setting --forward "127.0.0.1:$program" &
server=$!

# On the client's machine, until Ctrl+C: a local port that behaves like the program.
trap : INT
trap 'kill $http $server 2> /dev/null' EXIT
$fesa connect "127.0.0.1:$channel" $setting --listen "127.0.0.1:$entrance"
