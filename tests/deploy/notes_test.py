"""What helm says after an installation: whether tokens are enough, also while pods are replaced."""
import pathlib
import shutil
import tempfile
import unittest

from chart import CHART, config_with, render
from matrix import MATRIX, PROPERTIES

JOB = {"steps": [{"name": "s", "sql": {"statement": "select 1"}}]}


def notes(values):
    """helm prints notes only of an installation, which needs a cluster: here they are a template like the others."""
    with tempfile.TemporaryDirectory() as folder:
        chart = pathlib.Path(folder) / "baton"
        shutil.copytree(CHART, chart)
        text = (chart / "templates/NOTES.txt").read_text()
        (chart / "templates/NOTES.txt").unlink()
        (chart / "templates/notes.yaml").write_text(
            '{{- define "notes" }}' + text + '{{- end }}\nkind: Notes\ntext: |\n  {{- include "notes" . | nindent 2 }}\n')
        [one] = render(values, chart=chart, more=["--namespace", "etl", "--show-only", "templates/notes.yaml"])
        return one["text"]


def with_jobs(jobs, tokens=None, **values):
    sections = {"jobs": {f"job{number}": JOB for number in range(jobs)}}
    if tokens is not None:
        sections["replica"] = {"tokens": tokens}
    return {"config": {"yaml": config_with(**sections)}, **values}


def rolling(surge, unavailable):
    return {"strategy": {"rollingUpdate": {"maxSurge": surge, "maxUnavailable": unavailable}}}


BETTER = "{maxSurge: 1, maxUnavailable: 0}` serves better"


class Notes(unittest.TestCase):
    def test_others_have_tokens_enough_then_no_job_waits(self):
        text = notes(with_jobs(4, tokens=2, replicas=3))
        self.assertIn("3 replicas, 2 tokens each, 4 jobs", text)
        self.assertIn("2 tokens × (3 replicas − 1) = 4 ≥ 4 jobs: none waits", text)
        self.assertNotIn(BETTER, text)

    def test_others_have_too_few_tokens_then_maxsurge_1_serves_better(self):
        text = notes(with_jobs(5, tokens=2, replicas=3))
        self.assertIn("2 tokens × (3 replicas − 1) = 4 < 5 jobs: 1 of them wait", text)
        self.assertIn(BETTER, text)
        self.assertNotIn("WARNING", text)

    def test_maxsurge_1_then_nobody_is_missing(self):
        text = notes(with_jobs(5, tokens=2, replicas=3, **rolling(1, 0)))
        self.assertIn("2 tokens × (3 replicas − 0) = 6 ≥ 5 jobs: none waits", text)
        self.assertNotIn(BETTER, text)

    def test_percentages_then_rounded_as_kubernetes_does(self):
        self.assertIn("(8 replicas − 2) = 12 ≥ 12", notes(with_jobs(12, tokens=2, replicas=8, **rolling(0, "33%"))))
        # Both come to nothing: Kubernetes takes one away.
        self.assertIn("(3 replicas − 1)", notes(with_jobs(2, tokens=1, replicas=3, **rolling("0%", "25%"))))
        self.assertIn("(3 replicas − 0)", notes(with_jobs(2, tokens=1, replicas=3, **rolling("25%", "25%"))))

    def test_recreate_then_all_wait(self):
        text = notes(with_jobs(2, tokens=1, strategy={"type": "Recreate"}))
        self.assertIn("1 tokens × (2 replicas − 2) = 0 < 2 jobs: 2 of them wait", text)
        self.assertIn("`strategy.type: RollingUpdate` lets them go on", text)

    def test_all_replicas_have_too_few_tokens_then_a_warning(self):
        text = notes(with_jobs(5, tokens=2, replicas=2))
        self.assertIn("WARNING: 2 tokens × 2 replicas = 4 < 5 jobs: 1 of them will have no owner", text)

    def test_no_tokens_said_then_one_for_each_job(self):
        self.assertIn("5 tokens each, 5 jobs", notes(with_jobs(5)))

    def test_application_properties_then_their_token(self):
        self.assertIn("2 tokens each, 4 jobs", notes(MATRIX["properties"]))
        values = {"config": {"applicationProperties": PROPERTIES.replace("token=2", " token : 3 "),
                             "yaml": MATRIX["properties"]["config"]["yaml"]}}
        self.assertIn("3 tokens each, 4 jobs", notes(values))

    def test_tokens_by_a_reference_then_the_rule_alone(self):
        text = notes(with_jobs(5, tokens="${TOKENS}"))
        self.assertIn("tokens × (replicas − 1) ≥ jobs", text)
        self.assertNotIn("WARNING", text)

    def test_secret_that_must_exist_then_named(self):
        self.assertIn("wait for the Secret baton-secret", notes({}))
        self.assertNotIn("wait for the Secret", notes(MATRIX["postgres and dynamodb"]))
        self.assertIn("kubectl -n etl exec deployment/baton -- baton status", notes({}))


if __name__ == "__main__":
    unittest.main()
