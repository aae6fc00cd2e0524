"""Scores over a fixed set of questions, as a library; ``isisk-qa eval`` is the same on the command line.

    questions = choose(load_questions(default_questions()), split="dev")
    with Application(Settings(passages=4)) as application:
        application.prepare()
        result = run_evaluation(application, questions, out=Path("runs/four"), options=Options(jobs=4, resume=True))
    found = compare_runs(load_run(Path("runs/eight")), load_run(result.out))
    judged = judge(load_run(result.out), load_rules(Path("tests/gate.yaml")))

The whole of it, with the imports, is in docs/evaluation.md: ``run_evaluation`` is in run.py, ``choose`` in
selection.py, ``load_run`` in folder.py, ``compare_runs`` in compare.py, ``judge`` in gate.py. Nothing is imported here,
since one of them is seldom needed with all the others.
"""
