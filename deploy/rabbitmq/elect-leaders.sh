#!/usr/bin/env bash
# 为本节点上没有 leader 的仲裁队列发起选举，并打印其个数。没有 leader 的队列不收不发：创建队列时 RabbitMQ 被杀或断电，会留下这样的队列（见于 3.10）。
# 不改动有 leader 的队列，不删除任何东西。以能运行 rabbitmqctl 的用户在 RabbitMQ 的机器上运行，集群的每个节点各一次；参数交给 rabbitmqctl，如 -n rabbit@host。
# Calls an election in each quorum queue of this node that has no leader, and prints how many those are. Without one a queue takes and gives nothing;
# the broker leaves such queues behind when it is killed, or loses its power, while it makes them (seen of 3.10). Changes nothing in a queue that has
# a leader, and deletes nothing. To be run where the broker is, on each node of a cluster, as a user that may run rabbitmqctl, which gets all
# arguments, such as -n rabbit@host.
set -eu
exec "${RABBITMQCTL:-rabbitmqctl}" "$@" --quiet eval '
  Ids = [amqqueue:get_pid(Q) || Q <- rabbit_amqqueue:list(), amqqueue:is_quorum(Q)],
  Lost = [Id || {Name, Node} = Id <- Ids, Node =:= node(), ra_leaderboard:lookup_leader(Name) =:= undefined],
  % One that is being made at this moment has no process yet.
  length([Id || Id <- Lost, (catch ra:trigger_election(Id)) =:= ok]).'
