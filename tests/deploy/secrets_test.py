"""Passwords in plain text are refused wherever templates can see them, and not repeated; what only looks like one is taken."""
import copy
import re
import unittest

from chart import TOP, config_with, refusal, render
from matrix import MATRIX, PROPERTIES

LEAST = {"a": {"steps": [{"name": "s", "sql": {"statement": "select 1"}}]}}


def with_config(**sections):
    return {"config": {"yaml": config_with(**sections)}}


def with_step(**step):
    return with_config(jobs={"a": {"steps": [{"name": "s", **step}]}})


def with_command(**env):
    return with_step(command={"argv": ["true"], "env": env})


def with_properties(more):
    return {"config": {"applicationProperties": PROPERTIES + "\n" + more, "yaml": MATRIX["properties"]["config"]["yaml"]}}


def with_env(name, value):
    return {"env": [{"name": name, "value": value}]}


def with_webhook(url):
    return with_config(alerts={"sinks": [{"log": {}}, {"webhook": {"url": url}}]})


# Values → the place that the message names. The passwords are such that the message must not repeat them.
TOLD = [
    (with_config(repository={"url": "postgresql://baton:geheim@db/etl"}), "repository.url"),
    (with_config(repository={"url": "postgresql://u:geheim$word@db"}), "repository.url"),
    (with_config(repository={"url": "postgresql://u:${P:-geheim}@db"}), "repository.url"),
    (with_config(repository={"url": "postgresql://u:geheim/x@db"}), "repository.url"),
    (with_config(repository={"url": "postgresql://u:${P}geheim@db"}), "repository.url"),
    (with_config(repository={"url": "${REPOSITORY_URL:-postgresql://u:geheim@db/etl}"}), "repository.url"),
    (with_config(repository={"url": "jdbc:postgresql://db/etl?user=a&password=geheim"}), "repository.url"),
    (with_config(repository={"url": "postgresql://db/etl?sslpassword=geheim"}), "repository.url"),
    (with_config(repository={"url": "host=db password=geheim"}), "repository.url"),
    (with_config(repository={"url": "host=db password = '$geheim'"}), "repository.url"),
    (with_config(repository={"url": "${REPOSITORY_URL}", "password": "geheim"}), "repository.password"),
    (with_config(repository={"url": "${REPOSITORY_URL}", "password": "${P:-geheim}"}), "repository.password"),
    (with_config(repository={"url": "${REPOSITORY_URL}", "password": "$${geheim}"}), "repository.password"),
    (with_config(repository={"url": "${REPOSITORY_URL}", "password": 12345678}), "repository.password"),
    (with_config(connections={"dw": {"url": "postgresql://db/dw", "password": "geheim"}}), "connections.dw.password"),
    (with_config(locks={"store": "dynamodb", "dynamodb": {"table": "t", "accesskey": "a", "secretkey": "geheim"}}),
     "locks.dynamodb.secretkey"),
    (with_config(locks={"store": "postgresql", "url": "postgresql://a:geheim@db/locks"}), "locks.url"),
    (with_webhook("https://user:geheim@hooks.example/x"), "alerts.sinks[1].webhook.url"),
    (with_webhook("https://geheim@hooks.example/x"), "alerts.sinks[1].webhook.url"),
    (with_webhook("https://geheim:@hooks.example/x"), "alerts.sinks[1].webhook.url"),
    (with_webhook("https://hooks.example/x?token=geheim"), "alerts.sinks[1].webhook.url"),
    (with_config(monitoring={"ping": "https://u:geheim@hc.example/x"}), "monitoring.ping"),
    (with_config(jobs={"a": {**LEAST["a"], "ping": "https://u:geheim@hc.example/x"}}), "jobs.a.ping"),
    (with_command(PASSWORD="geheim"), "jobs.a.steps[0].command.env.PASSWORD"),
    (with_command(PGPASSWORD="geheim"), "command.env.PGPASSWORD"),
    (with_command(DB_PASS="geheim"), "command.env.DB_PASS"),
    (with_command(API_TOKEN="Bearer geheim"), "command.env.API_TOKEN"),
    (with_command(AWS_SECRET_ACCESS_KEY="geheim"), "command.env.AWS_SECRET_ACCESS_KEY"),
    (with_command(DSN="mysql://u:geheim@db/x"), "command.env.DSN"),
    (with_step(command={"argv": ["load", "--password=geheim"]}), "command.argv[1]"),
    (with_step(command={"argv": ["psql", "postgresql://u:geheim@db/x"]}), "command.argv[1]"),
    (with_step(sql={"statement": "select dblink('postgresql://u:geheim@db/x', 'select 1')"}), "sql.statement"),
    (with_config(jobs={"a": {**LEAST["a"], "parameters": {"db_password": "geheim"}}}), "parameters.db_password"),
    (with_config(jobs={"a": {**LEAST["a"], "parameters": {"db_password": {"value": "geheim"}}}}), "db_password.value"),
    (with_properties("spring.datasource.password=geheim"), "SPRING_DATASOURCE_PASSWORD"),
    (with_properties("  spring.datasource.hikari.password : geheim"), "SPRING_DATASOURCE_HIKARI_PASSWORD"),
    (with_properties("spring.datasource.hikari.password=${P:geheim}"), "SPRING_DATASOURCE_HIKARI_PASSWORD"),
    (with_properties("spring.datasource.hikari.password=${P:${Q:geheim}}"), "SPRING_DATASOURCE_HIKARI_PASSWORD"),
    (with_properties("spring.datasource.hikari.password=$geheim"), "SPRING_DATASOURCE_HIKARI_PASSWORD"),
    (with_properties("spring.datasource.password geheim"), "SPRING_DATASOURCE_PASSWORD"),
    (with_properties("spring.datasource.password=\\\n  geheim"), "SPRING_DATASOURCE_PASSWORD"),
    (with_properties("spring.data\\\n  source.password=geheim"), "SPRING_DATASOURCE_PASSWORD"),
    (with_properties("# not continued \\\nspring.datasource.password=geheim"), "SPRING_DATASOURCE_PASSWORD"),
    (with_properties("spring.datasource.pass-word=geheim"), "spring.datasource.pass-word"),
    (with_properties("spring.datasource.password=geheim\r\ntoken=2\r\n"), "SPRING_DATASOURCE_PASSWORD"),
    (with_properties("spring.datasource.url=jdbc:postgresql://db/etl?user=a&password=geheim"), "spring.datasource.url"),
    (with_properties("spring.datasource.url=jdbc:postgresql://a:geheim@db/etl"), "spring.datasource.url"),
    (with_properties("dynamodb.secretkey=geheim"), "DYNAMODB_SECRETKEY"),
    (with_properties("token=${TOKENS:geheim}"), "token holds"),
    (with_properties("spring.mail.password=geheim"), "spring.mail.password"),
    (with_env("SPRING_DATASOURCE_PASSWORD", "geheim"), "env: SPRING_DATASOURCE_PASSWORD"),
    (with_env("WAREHOUSE_URL", "postgresql://u:geheim@db"), "env: WAREHOUSE_URL"),
]

# What looks like that, and is none.
ACCEPTABLE = [
    with_config(repository={"url": "postgresql://baton@db/etl"}),
    with_config(repository={"url": "postgresql://baton@a:5432,b:5432/etl"}),
    with_config(repository={"url": "postgresql://baton:${DB_PASSWORD}@db/etl"}),
    with_config(repository={"url": "postgresql://${U}:${file:/run/secrets/baton/P}@[::1]:5432/etl"}),
    with_config(repository={"url": "postgresql://db:5432/etl?application_name=a@b"}),
    with_config(repository={"url": "postgresql://[fd00::1]:5432/etl?application_name=a@b"}),
    with_config(repository={"url": "host=db password=${P} user=baton"}),
    with_config(repository={"url": "jdbc:postgresql://db/etl?password=${P}&user=a"}),
    with_config(repository={"url": "postgresql://db/etl?passfile=/run/secrets/baton/pgpass"}),
    with_config(repository={"url": "${REPOSITORY_URL}", "password": "${file:/run/secrets/baton/DB_PASSWORD}"}),
    with_config(repository={"url": "${REPOSITORY_URL}", "password": "${DB_PASSWORD:-}"}),
    with_config(repository={"url": "${REPOSITORY_URL}", "password": ""}),
    with_webhook("https://hooks.example:8443/x?mail=a@b"),
    with_webhook("https://user:${PW}@hooks.example/x"),
    with_webhook("${WEBHOOK}"),
    with_command(PASSWORD="${PASSWORD}", PGPASSFILE="/run/secrets/baton/pgpass", PASSWORD_FILE="/run/x", PWD="/tmp"),
    with_command(BYPASS="1", TOKENS="3", USE_PASSWORD=True),
    with_step(command={"argv": ["sh", "-c", "load --password=$PGPASSWORD --token=$(cat /run/x)"]}),
    with_step(sql={"statement": "UPDATE u SET password = NULL WHERE token = 'x'"}),
    with_step(read={"table": {"name": "u", "key": ["token"]}}, process=[{"rename": {"password": "pw"}}],
              write={"table": {"name": "v", "columns": {"pw": "text", "secret": "text"}, "create": True}}),
    with_config(jobs={"reset_passwords": LEAST["a"], "token": LEAST["a"]}),
    with_properties("spring.datasource.password=${DB_PASSWORD}"),
    with_properties("spring.datasource.password=${DB_PASSWORD:}"),
    with_properties("spring.datasource.password=${A:${B}}"),
    with_properties("# spring.datasource.password=geheim"),
    with_properties("  ! spring.datasource.password=geheim"),
    with_properties("spring.datasource.password="),
    with_properties("token=3"),
    with_properties(" token : 3 "),
    with_properties("token=${TOKENS:3}"),
    with_env("TOKEN", "3"),
    with_env("WAREHOUSE_URL", "postgresql://u:$(PASSWORD)@db"),
    with_env("PASSWORD_FILE", "/run/x"),
    {"env": [{"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "p"}}}]},
]


class Secrets(unittest.TestCase):
    def test_password_in_plain_text_then_refused_and_not_repeated(self):
        for values, place in TOLD:
            with self.subTest(values):
                message = refusal(values)
                self.assertIn("holds a password in plain text", message)
                self.assertIn(place, message)
                self.assertIn("secret.env", message)
                self.assertNotIn("geheim", message)

    def test_passwords_elsewhere_then_accepted(self):
        for values in ACCEPTABLE:
            with self.subTest(values):
                values = copy.deepcopy(values)
                values.setdefault("env", []).append({"name": "OTHER", "value": "x"})
                render(values)

    def test_words_by_which_baton_knows_secrets_then_the_chart_does_too(self):
        source = (TOP / "src/config/secret_text.cpp").read_text()
        words = re.findall(r'"([a-z]+)"', re.search(r"> words\{(.*?)\}", source, re.DOTALL)[1])
        self.assertGreaterEqual(len(words), 8)
        # A URL, and the name of a key pair, are no secrets by themselves.
        for word in [word for word in words if word not in ("url", "accesskey")] + ["token"]:
            with self.subTest(word):
                self.assertIn("holds a password in plain text", refusal(with_command(**{"X_" + word.upper(): "geheim"})))


if __name__ == "__main__":
    unittest.main()
