"""Scores over a fixed set of questions, as a library; ``isisk-qa eval`` is the same on the command line.

    from pathlib import Path

    from qa.app import Application
    from qa.evaluation.compare import compare_runs
    from qa.evaluation.dataset import default_questions, load_questions
    from qa.evaluation.folder import load_run
    from qa.evaluation.gate import judge, load_rules
    from qa.evaluation.run import Options, run_evaluation
    from qa.evaluation.selection import choose
    from qa.settings import Settings

    questions = choose(load_questions(default_questions()), split="dev")
    with Application(Settings(passages=4)) as application:
        application.prepare()
        result = run_evaluation(application, questions, out=Path("runs/four"), options=Options(jobs=4, resume=True))

    found = compare_runs(load_run(Path("runs/eight")), load_run(result.out))
    worse = [each.figure for each in found.figures if each.verdict == "worse"]
    passed = all(each.passed for each in judge(load_run(result.out), load_rules(Path("gate.yaml"))))

A test suite holds its own system to rules in the same way: ``run_evaluation`` takes whatever has the methods of
``qa.evaluation.run.Target``, and ``judge`` gives one entry a rule to assert on (tests/test_gate.py does).
"""
