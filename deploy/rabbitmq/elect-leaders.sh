#!/usr/bin/env bash
# 为没有 leader 的仲裁队列发起选举，并打印其个数。没有 leader 的队列不收不发：创建队列时 RabbitMQ 被杀或断电，会留下这样的队列（见于 3.10）。
# 不改动有 leader 的队列，不删除任何东西。在 RabbitMQ 的机器上、以能运行 rabbitmqctl 的用户运行；参数交给 rabbitmqctl，如 -n rabbit@host。
# Calls an election in each quorum queue that has no leader, and prints how many those are. Without one a queue takes and gives nothing; the
# broker leaves such queues behind when it is killed, or loses its power, while it makes them (seen of 3.10). Changes nothing in a queue that has
# a leader, and deletes nothing. To be run where the broker is, as a user that may run rabbitmqctl, which gets all arguments, such as -n rabbit@host.
set -eu
exec "${RABBITMQCTL:-rabbitmqctl}" "$@" --quiet eval '
  Ids = [amqqueue:get_pid(Q) || Q <- rabbit_amqqueue:list(), amqqueue:is_quorum(Q)],
  Lost = [Id || {Name, _} = Id <- Ids, ra_leaderboard:lookup_leader(Name) =:= undefined],
  [ra:trigger_election(Id) || {_, Node} = Id <- Lost, Node =:= node()],
  length(Lost).'
