train_cfg = dict(max_iters=200, type='IterBasedTrainLoop')
